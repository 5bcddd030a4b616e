/** TensorFlow's version; the binding is compiled against its headers and runs on its libraries. */
export const tensorflowVersion = '2.21.0'

const soNames = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']
const dylibNames = ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']

/** The wheels that TensorFlow's `and-cuda` extra names: [project, version, SHA-256]. */
const cudaWheels = [
  ['nvidia-cublas-cu12', '12.9.3.13', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'],
  ['nvidia-cuda-cupti-cu12', '12.9.79', '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f'],
  ['nvidia-cuda-nvcc-cu12', '12.9.86', '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0'],
  ['nvidia-cuda-nvrtc-cu12', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'],
  ['nvidia-cuda-runtime-cu12', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'],
  ['nvidia-cudnn-cu12', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'],
  ['nvidia-cufft-cu12', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'],
  ['nvidia-curand-cu12', '10.3.10.19', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'],
  ['nvidia-cusolver-cu12', '11.7.5.82', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'],
  ['nvidia-cusparse-cu12', '12.5.10.65', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'],
  ['nvidia-nccl-cu12', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'],
  ['nvidia-nvjitlink-cu12', '12.9.86', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'],
]

/**
 * The wheels that hold TensorFlow's libraries. Wheels differ by Python version, but all of a version hold the same
 * libraries; naming one (cp311) makes the file, and so its checksum, a known one, and any Python 3 with pip can get it.
 */
const wheels = {
  'linux-x64': {
    cpu: {
      project: 'tensorflow-cpu',
      tag: 'manylinux_2_27_x86_64',
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      bytes: 273_829_956,
      libraries: soNames,
    },
    cuda: {
      project: 'tensorflow',
      tag: 'manylinux_2_27_x86_64',
      sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      bytes: 572_440_367,
      libraries: soNames,
      cudaWheels,
    },
  },
  'linux-arm64': {
    cpu: {
      project: 'tensorflow',
      tag: 'manylinux_2_27_aarch64',
      sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      bytes: 281_828_020,
      libraries: soNames,
    },
  },
  'darwin-arm64': {
    cpu: {
      project: 'tensorflow',
      tag: 'macosx_12_0_arm64',
      sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
      bytes: 223_405_849,
      libraries: dylibNames,
    },
  },
}

/**
 * Decides which TensorFlow this machine can run.
 *
 * @param {{ platform: string, arch: string, glibc: string | null, engine?: string, variant: 'cpu' | 'cuda' }} machine
 *   glibc: the C library's version, null where it is another one (musl); engine: $ATELIER_ENGINE
 * @returns {{ native: true, key: string, variant: string, wheel: object } | { native: false, reason: string, howTo: string | null }}
 */
export function decideEngine({ platform, arch, glibc, engine, variant }) {
  const no = (reason, howTo = null) => ({ native: false, reason, howTo })
  if (engine === 'wasm')
    return no('ATELIER_ENGINE=wasm is set.', 'Unset ATELIER_ENGINE and run `npm run setup` to get the native engine.')
  const offered = wheels[`${platform}-${arch}`]
  if (!offered)
    return no(
      `TensorFlow has no library for ${platform} on ${arch} that Atelier can use.`,
      platform === 'win32' ? 'Run Atelier inside WSL 2 to get the native engine.' : null,
    )
  const wheel = offered[variant]
  if (!wheel)
    return no(
      `TensorFlow's CUDA build runs on Linux x64 only, not on ${platform} ${arch}.`,
      'Set up again without --cuda.',
    )
  if (platform === 'linux') {
    const [major, minor] = (glibc ?? '').split('.').map(Number)
    const enough = glibc && (major > 2 || (major === 2 && minor >= 27))
    if (!enough)
      return no(
        glibc
          ? `TensorFlow needs glibc 2.27 or newer; this system has ${glibc}.`
          : 'TensorFlow needs the GNU C library; this system has another one.',
        'Run Atelier on a newer system to get the native engine.',
      )
  }
  return { native: true, key: `tensorflow-${tensorflowVersion}-${variant}-${platform}-${arch}`, variant, wheel }
}

/** The version of the GNU C library, or null. */
export function glibcVersion() {
  if (process.platform !== 'linux') return null
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime ?? null
}
