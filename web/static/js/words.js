/** The page's words: English in the code, the reader's language from the catalogue that came with the page. */

/** @type {Record<string, string>} */
const catalogue = JSON.parse(document.getElementById("words")?.textContent || "{}")

/** @param {string} text @param {Record<string, string | number>} [values] */
export function _(text, values = {}) {
  return (catalogue[text] || text).replace(/%\((\w+)\)s/g, (whole, name) => String(values[name] ?? whole))
}

/** The reader's language, as dates and numbers want it. */
export const language = document.documentElement.lang || "en"

/** What stands between two sentences: Chinese leaves no space. */
export const gap = language.startsWith("zh") ? "" : " "
