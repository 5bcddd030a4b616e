import type { MenuItemConstructorOptions } from 'electron'

export interface MenuActions {
  chooseLibrary(): void
  openLibraryFolder(): void
  about(): void
  /** Opens a page of the allow-list in the system's browser. */
  openLink(url: string): void
}

export interface MenuOptions {
  platform: NodeJS.Platform
  /** Adds the developer's items. */
  development: boolean
}

const PAPERS: readonly [string, string][] = [
  ['Improved Training of Wasserstein GANs (Gulrajani et al., 2017)', 'https://arxiv.org/abs/1704.00028'],
  ['Deep Convolutional GANs (Radford et al., 2015)', 'https://arxiv.org/abs/1511.06434'],
]

/** The application menu; what the page can do itself has its keys there, so that no accelerator is taken twice. */
export function menuTemplate(
  actions: MenuActions,
  { platform, development }: MenuOptions,
): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin'
  const about: MenuItemConstructorOptions = { label: 'About Atelier', click: () => actions.about() }
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  return [
    ...(mac
      ? [
          {
            label: 'Atelier',
            submenu: [
              about,
              separator,
              { role: 'services' },
              separator,
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              separator,
              { role: 'quit' },
            ],
          } satisfies MenuItemConstructorOptions,
        ]
      : []),
    {
      label: '&File',
      submenu: [
        { label: 'Choose &Library…', accelerator: 'CmdOrCtrl+O', click: () => actions.chooseLibrary() },
        { label: 'Open Library &Folder', accelerator: 'CmdOrCtrl+Shift+O', click: () => actions.openLibraryFolder() },
        separator,
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(development
          ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] satisfies MenuItemConstructorOptions[])
          : []),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        ...PAPERS.map(([label, url]): MenuItemConstructorOptions => ({ label, click: () => actions.openLink(url) })),
        ...(mac ? [] : [separator, about]),
      ],
    },
  ]
}
