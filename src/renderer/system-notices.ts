import { ref } from 'vue'
import type { Notice } from '../shared/notices.ts'

/**
 * The browser's own notifications. In the desktop app the shell shows the system's, and the page is refused the
 * permission.
 */
export type Permission = NotificationPermission | 'unsupported'

const present = (): Permission => ('Notification' in window ? Notification.permission : 'unsupported')

export const permission = ref<Permission>(present())

/** Only ever upon a click: browsers hold a question at the start of a page against it. */
export async function askPermission(): Promise<void> {
  if (permission.value === 'unsupported') return
  await Notification.requestPermission()
  permission.value = present()
}

let shown: Notification | null = null

/** Shows a notice in place of the last one. */
export function showSystemNotice({ title, body }: Notice, onClick: () => void): void {
  permission.value = present()
  if (permission.value !== 'granted') return
  try {
    // One tag: a browser then keeps one notification, which also those of other windows on the library replace.
    shown = new Notification(title, { body, tag: 'atelier', icon: '/icon.svg', silent: shown !== null })
  } catch {
    // Some browsers for phones have the constructor and refuse it.
    return
  }
  shown.addEventListener('click', () => {
    window.focus()
    onClick()
    closeSystemNotice()
  })
}

/** The user has come back to the window. */
export function closeSystemNotice(): void {
  shown?.close()
  shown = null
}
