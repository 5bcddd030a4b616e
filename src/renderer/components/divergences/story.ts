/** A paragraph of the page's text, taken apart: words, formulas, numbers of the page, and claims that link to it. */
export type Part =
  | { type: 'text'; text: string }
  | { type: 'formula'; tex: string }
  | { type: 'value'; name: string }
  | { type: 'claim'; claim: string; parts: Part[] }

const token = /\$([^$]+)\$|\{(\w+)\}|\[(\w+)\||\]/g

/**
 * Reads "words, $formula$, {value}, [claim|words]"; claims don't nest.
 * @throws SyntaxError for a claim that is not closed, or a bracket that closes none
 */
export function partsOf(text: string): Part[] {
  const all: Part[] = []
  let parts = all
  let at = 0
  const words = (to: number) => to > at && parts.push({ type: 'text', text: text.slice(at, to) })
  for (const match of text.matchAll(token)) {
    const [whole, tex, value, claim] = match
    words(match.index)
    at = match.index + whole.length
    if (tex !== undefined) parts.push({ type: 'formula', tex })
    else if (value !== undefined) parts.push({ type: 'value', name: value })
    else if (claim !== undefined) {
      if (parts !== all) throw new SyntaxError(`The claim "${claim}" stands inside another one: ${text}`)
      const inner: Part[] = []
      all.push({ type: 'claim', claim, parts: inner })
      parts = inner
    } else {
      if (parts === all) throw new SyntaxError(`A bracket closes no claim: ${text}`)
      parts = all
    }
  }
  words(text.length)
  if (parts !== all) throw new SyntaxError(`A claim is not closed: ${text}`)
  return glued(all)
}

/** A comma must not begin the line after its formula: a word joiner holds it. */
function glued(parts: Part[]): Part[] {
  parts.forEach((part, i) => {
    if (part.type === 'text' && parts[i - 1]?.type === 'formula' && /^[,.;:)]/.test(part.text))
      part.text = `\u2060${part.text}`
  })
  return parts
}

/** A formula with the page's numbers in it, as TeX writes them. */
export const withValues = (tex: string, values: Readonly<Record<string, string>>): string =>
  tex.replace(/@(\w+)/g, (_, name: string) => {
    const value = values[name] ?? '–'
    return `{${value
      .replace('−', '-')
      .replace('∞', String.raw`\infty`)
      .replace('–', String.raw`\text{–}`)}}`
  })

/** The claims and values that a text names, for tests and to know what it needs. */
export function namesIn(parts: readonly Part[]): { claims: string[]; values: string[] } {
  const claims = parts.flatMap((part) => (part.type === 'claim' ? [part.claim] : []))
  const values = parts.flatMap((part) =>
    part.type === 'value'
      ? [part.name]
      : part.type === 'claim'
        ? namesIn(part.parts).values
        : part.type === 'formula'
          ? [...part.tex.matchAll(/@(\w+)/g)].map((match) => match[1]!)
          : [],
  )
  return { claims, values }
}

/** The formulas that stand alone; they are the same in every language. */
export const formulas = {
  kl: String.raw`\mathrm{KL}(P\,\|\,Q)=\mathbb{E}_{x\sim P}\!\left[\log\frac{p(x)}{q(x)}\right]`,
  klClosed: String.raw`\mathrm{KL}(P\,\|\,Q_\theta)=\mathrm{KL}(Q_\theta\,\|\,P)=\begin{cases}0&\theta=0\\ \infty&\theta\neq 0\end{cases}`,
  js: String.raw`\begin{aligned}\mathrm{JS}(P,Q)&=\tfrac12\,\mathrm{KL}(P\,\|\,M)+\tfrac12\,\mathrm{KL}(Q\,\|\,M)\\M&=\tfrac12(P+Q)\end{aligned}`,
  jsClosed: String.raw`\mathrm{JS}(P,Q_\theta)=\begin{cases}0&\theta=0\\ \log 2&\theta\neq 0\end{cases}`,
  w: String.raw`\begin{aligned}W_1(P,Q)&=\inf_{\gamma\in\Pi(P,Q)}\mathbb{E}_{(x,y)\sim\gamma}\,\|x-y\|\\&=\sup_{\|f\|_{L}\le 1}\mathbb{E}_P[f]-\mathbb{E}_{Q}[f]\end{aligned}`,
  wClosed: String.raw`W_1(P,Q_\theta)=|\theta|,\qquad \frac{\partial W_1}{\partial\theta}=\operatorname{sign}\theta`,
  criticGradient: String.raw`\nabla_\theta W_1=-\,\mathbb{E}_{z}\big[\nabla_\theta\, f(g_\theta(z))\big]`,
  discriminatorGradient: String.raw`\nabla_\theta\mathrm{JS}=-\tfrac12\,\mathbb{E}_{z}\big[D(g_\theta(z))\,\nabla_\theta\, s(g_\theta(z))\big]`,
  descent: String.raw`\theta\leftarrow\theta-\eta\,\frac{\partial}{\partial\theta}\,\mathcal{D}(P,Q_\theta)`,
}
