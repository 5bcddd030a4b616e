import type { RunStatus } from '../../shared/run.ts'

/**
 * What the page of divergences says, in English. Paragraphs of the story are written in a small notation, which
 * components/divergences/story.ts reads: $formula$, [claim|words that are linked to what the page shows], {value} for a
 * number of the page, @value for one within a formula.
 */
export const divergencesEn = {
  language: { code: 'en', dir: 'ltr' as 'ltr' | 'rtl', name: 'English', title: 'Language of this page' },
  title: 'Divergences',
  lead: 'Which distance between distributions tells a generator where to go?',
  panelLink: 'Open with the story and the setup',

  names: { klPQ: 'KL(P‖Q)', klQP: 'KL(Q‖P)', js: 'JS', wasserstein: 'W₁' },
  layers: {
    title: 'Layers',
    divergences: 'Divergences',
    exact: 'Exact',
    learned: 'Learned',
    samples: 'From samples',
    help: {
      exact: 'Closed forms; for other pairs from densities and an optimal assignment',
      learned:
        'A trained critic’s W₁ and a trained discriminator’s bounds; bars are ± one standard deviation over seeds',
      samples: 'Squares: histogram. Triangles: nearest neighbours. Diamonds: W₁ of two samples',
    },
    show: (name: string) => `Show ${name}`,
  },
  /** Where they differ from the plane's own names. */
  distributions: {} as Record<string, string>,
  statuses: {
    queued: 'Queued',
    starting: 'Starting',
    running: 'Running',
    pausing: 'Pausing',
    paused: 'Paused',
    stopping: 'Stopping',
    stopped: 'Stopped',
    done: 'Done',
    failed: 'Failed',
    interrupted: 'Interrupted',
  } satisfies Record<RunStatus, string>,
  charts: {
    value: 'The divergence',
    slope: 'Its derivative in θ',
    kl: 'KL, nats',
    other: 'JS, nats · W₁, distance',
    slopeHelp: 'which way it would move θ, and how hard',
    noSlope: '∞ − ∞: no derivative',
    describe: (title: string, names: string) => `${title} over θ: ${names}.`,
    theta: 'θ',
    setTheta: 'θ, where all values are read',
    spoken: (theta: string, values: string) => `θ ${theta}: ${values}`,
    noDensity: 'Not known: P or Q has no density.',
    afterTraining: 'Exact curves of this pair come with the first moments of a run.',
  },
  pair: {
    title: 'P and Q',
    at: (theta: string) => `Q at θ = ${theta}`,
    picture: (p: string, q: string, theta: string) => `P (${p}) as discs and Q (${q}) at θ = ${theta} as diamonds.`,
  },
  readout: {
    title: 'At this θ',
    near: (theta: string) => `measured at θ = ${theta}`,
    exact: 'Exact',
    slope: '∂/∂θ',
    learned: 'Learned',
    samples: 'Samples',
    histogram: 'histogram',
    neighbours: 'neighbours',
    none: 'not measured here yet',
  },
  learner: {
    title: 'A point that learns',
    lead: 'Gradient descent on θ, from the same θ₀ under each divergence.',
    live: 'Exact, live',
    recordedExact: 'Exact, of the run',
    learned: 'Learned, of the run',
    noRecorded: 'Train, and what networks tell the point is recorded beside it.',
    comes: 'It is let go after the sweep.',
    play: 'Play',
    pause: 'Pause',
    again: 'From the start',
    speed: 'Speed',
    start: 'θ₀, where it begins',
    step: 'Step',
    arrives: 'arrives',
    stands: 'stands still',
    moves: 'moves',
    critic: 'critic',
    discriminator: 'discriminator',
    at: (name: string, theta: string) => `${name}: the point is at θ = ${theta}`,
  },
  setup: {
    title: 'Setup',
    preset: 'Preset',
    presets: { quick: 'Quick', reference: 'Reference', overlap: 'Overlap' } as Record<string, string>,
    presetHelp: {
      quick: 'Nine values of θ, one short training each',
      reference: 'Twenty-one values of θ, three trainings each',
      overlap: 'Two Gaussians that overlap',
    } as Record<string, string>,
    fields: {
      p: 'P',
      q: 'Q',
      move: 'θ …',
      thetaMin: 'θ from',
      thetaMax: 'to',
      thetaSteps: 'values',
      steps: 'Steps',
      seeds: 'Seeds',
      seed: 'Seed',
      batch: 'Batch',
      samples: 'Samples',
      descentFrom: 'θ₀',
      descentSteps: 'Descent steps',
      descentRate: 'Descent rate',
    } as Record<string, string>,
    moves: { shift: 'shifts Q', rotation: 'turns Q', scale: 'scales Q' } as Record<string, string>,
    more: 'More',
    own: 'Own',
    draw: 'Draw or import your own in the plane',
    train: 'Train',
    starting: 'Starting…',
    again: 'Train again',
    pause: 'Pause',
    resume: 'Resume',
    stop: 'Stop',
    fresh: 'New run',
    runs: 'Runs of divergences',
    openRun: 'Open its page',
    notStarted: 'The run was not started',
    failedRun: 'The run could not be loaded',
  },

  story: {
    title: 'What one sees',
    hint: 'Point at a marked claim to see it on the page.',
    segments: {
      intro:
        '$P$ is the segment $\\{0\\}\\times[0,1]$ with the uniform distribution, and $Q_\\theta$ the same segment at $x=\\theta$. For every $\\theta\\neq 0$ they have no point in common. A generator that could move $\\theta$ needs to hear which way.',
      kl: 'Where $P$ has mass and $Q$ none, the ratio is infinite. So [klPQ|$\\mathrm{KL}(P\\|Q)$ is {klPQ}] and [klQP|$\\mathrm{KL}(Q\\|P)$ is {klQP}] at $\\theta=@theta$, and only at $\\theta=0$ [klZero|both are 0]. Around an infinite value [klSlope|there is no derivative]: nothing to follow.',
      js: 'JS compares each with the mixture $M$, so it is finite. But the mixture’s density is half of either’s wherever the segments are disjoint: [js|JS is $\\log 2$ = {js}], however near or far. [jsSlope|Its derivative is {jsSlope}]: the generator hears that it is wrong, not which way is right.',
      w: 'W₁ is the least effort of carrying the mass of $P$ to $Q$. Every point has to go $|\\theta|$ sideways: [w|W₁ is {w}]. [wSlope|Its derivative is {wSlope}] from any distance, so following it brings $Q$ home.',
    },
    other: {
      intro:
        '$Q_\\theta$ is a distribution that $\\theta$ moves, and $P$ stays where it is. A generator that could move $\\theta$ needs to hear which way.',
      kl: 'KL averages how much likelier a point is under one than under the other. Here, at $\\theta=@theta$, [klPQ|$\\mathrm{KL}(P\\|Q)$ is {klPQ}] and [klQP|$\\mathrm{KL}(Q\\|P)$ is {klQP}]. It is infinite as soon as one has mass where the other has none; its [klSlope|derivative is {klSlope}].',
      js: 'JS compares each with the mixture $M$, so it never exceeds $\\log 2$: [js|it is {js}] here, with [jsSlope|a derivative of {jsSlope}]. Where the two hardly overlap it has reached its ceiling and goes flat.',
      w: 'W₁ is the least effort of carrying the mass of $P$ to $Q$: [w|it is {w}] here, and [wSlope|its derivative {wSlope}] does not fade with the distance.',
    },
    klTitle: 'Kullback–Leibler',
    jsTitle: 'Jensen–Shannon',
    wTitle: 'Wasserstein',
    learnedTitle: 'What networks learn',
    learned:
      'A critic $f$ and a discriminator $D=\\sigma(s)$ are trained at each $\\theta$, then asked about points that they have not seen; the generator’s gradient goes through them. The critic’s [learnedW|W₁ is {learnedW}], with [learnedWSlope|a slope of {learnedWSlope}]; for $|\\theta|\\ge 0.1$ its [worstW|worst error is {worstW}]. The discriminator’s [learnedJs|JS is {learnedJs}] ([worstJs|worst error {worstJs}]), and the better it is, the less it tells: [learnedJsSlope|a slope of {learnedJsSlope}].',
    learnedNone:
      'Train, and a critic $f$ and a discriminator $D=\\sigma(s)$ are trained at each $\\theta$. The generator’s gradient goes through them:',
    samplesTitle: 'What samples say',
    samples:
      'From samples, KL looks harmless. A [histogram|histogram says {histogram}]: the number of points, not the truth. [neighbours|Nearest neighbours say {neighbours}] and follow the logarithm of the distance. [sampleW|W₁ of two samples is {sampleW}], near the truth, since moving points needs no densities.',
    descentTitle: 'A point that learns',
    descent:
      'Under W₁ [descentW|the point comes to θ = {descentW}]. Under JS and KL [descentJs|it stays at θ = {descentJs}], where it began.',
    descentOther:
      'Here [descentW|W₁ leads the point to θ = {descentW}], and [descentJs|JS leads it to θ = {descentJs}].',
    source: 'After Arjovsky, Chintala and Bottou, “Wasserstein GAN” (2017), example 1 and theorem 2.',
  },
}
export type DivergencesTexts = typeof divergencesEn
