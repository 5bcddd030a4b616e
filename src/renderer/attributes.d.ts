import type { AriaAttributes } from 'vue'

/** Attributes that fall through to a component's root element; strict templates must know them. */
declare module 'vue' {
  interface ComponentCustomProps extends AriaAttributes {
    id?: string
    title?: string
    role?: string
    tabindex?: number | string
    spellcheck?: boolean | 'true' | 'false'
    inputmode?: 'text' | 'numeric' | 'decimal'
  }
}
