interface SettingTexts {
  label: string
  help: string
  options?: Record<string, { label: string; help: string }>
  parts?: Record<string, { label: string; empty?: string }>
}

/** The texts of the settings. Those of a library's settings go by their names in the schema. */
export const settingsTexts = {
  title: 'Settings',
  open: 'Settings',
  loading: 'Reading the settings…',
  failed: 'The settings could not be read',
  missing: (label: string) => `“${label}” needs a number.`,
  notWhole: (label: string) => `“${label}” is not a whole number that is allowed here.`,
  notChanged: 'The setting was not changed',
  training: 'Training',
  notifications: 'Notifications',
  appearance: 'Appearance',
  keptHere: 'Kept in this browser.',
  library: 'Library',
  keptWith: 'The settings of training and notifications are kept with the library, for every window on it.',
  fields: {
    onNonFinite: {
      label: 'When a value is not finite',
      help: 'What a run does when a loss becomes NaN or infinite. Runs that train already keep what held at their start.',
      options: {
        continue: { label: 'Train on', help: 'The run goes on; charts and tables show the value as what it is.' },
        pause: { label: 'Pause', help: 'The run ends with the checkpoint from before, and can be resumed.' },
        stop: { label: 'Stop', help: 'The run ends for good, with the checkpoint from before.' },
      },
    },
    autoResume: {
      label: 'Resume interrupted runs by themselves',
      help: 'A run whose process was killed, or that a restart of the machine interrupted, goes on from its newest checkpoint without being asked.',
    },
    checkpoints: {
      label: 'Checkpoints to keep',
      help: 'Of each run; the others go when its next one comes in. Every n-th stays besides the newest; 0 keeps none besides. Those that have a name are kept for ever.',
      parts: { keepLast: { label: 'The newest', empty: 'all' }, keepEvery: { label: 'And every n-th' } },
    },
    notify: {
      label: 'Notify me',
      help: 'When a run is done, fails, diverges, is interrupted or gives no sign of life while Atelier is not in front. The window itself always says so.',
    },
  } as Record<string, SettingTexts>,
  permission: {
    default: 'This browser has not been asked yet whether Atelier may show notifications.',
    ask: 'Allow in this browser',
    granted: 'This browser shows them.',
    denied: 'This browser blocks them. Allow notifications for this address in its settings for the page.',
    unsupported: 'This browser has no notifications.',
  },
  theme: 'Theme',
  path: 'Folder',
  facts: 'Contents',
  bin: 'Open the bin',
}
