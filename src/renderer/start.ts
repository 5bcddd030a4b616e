import { z } from 'zod'
import { onlyLocalIcons } from './icons.ts'
import { shareToken, takeToken } from './token.ts'

// zod's fast path compiles functions from strings, which the content security policy forbids (and reports).
z.config({ jitless: true })

onlyLocalIcons()

// Before the router reads the address, so that the token never becomes part of a route or of the history.
takeToken()
shareToken()
