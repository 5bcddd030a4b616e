import { addAPIProvider } from '@iconify/vue'
import { z } from 'zod'
import { takeToken } from './transport.ts'

// zod's fast path compiles functions from strings, which the content security policy forbids (and reports).
z.config({ jitless: true })

// Icons are compiled in; one that is missing must show as missing, never as a request to the icon service.
addAPIProvider('', { resources: [] })

// Before the router reads the address, so that the token never becomes part of a route or of the history.
takeToken()
