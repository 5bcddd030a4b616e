/** What the desktop's preload script adds to the page. */
interface AtelierDesktop {
  readonly platform: string
  readonly version: string
  chooseFolder(): Promise<string | null>
}

interface Window {
  readonly atelier?: AtelierDesktop
}
