/** A hint while one writes: words that may hurt, by the rule pack. Nothing is ever held back for it, and nothing leaves this page. */
import { make, part } from "./page.js"

/** @param {HTMLElement} root */
export function start(root) {
  const told = document.getElementById("care")
  if (!told) return
  /** @type {string[]} */
  const words = JSON.parse(told.dataset.words || "[]")
  const input = /** @type {HTMLTextAreaElement} */ (part(root, "text"))
  const hint = make("p", "composer__care")
  hint.setAttribute("role", "status")
  hint.dataset.part = "care"
  input.parentElement?.before(hint)
  const look = () => {
    const text = needsCare(input.value, words) ? told.dataset.text ?? "" : ""
    if (hint.textContent !== text) hint.textContent = text
  }
  input.addEventListener("input", look)
  input.form?.addEventListener("submit", () => setTimeout(look))
  look()
}

/** Chinese leaves no space between words, Latin does. @param {string} text @param {string[]} words */
function needsCare(text, words) {
  const low = text.toLowerCase()
  return words.some((word) => (/^[\x20-\x7e]+$/.test(word) ? ` ${low.replace(/[^a-z0-9]+/g, " ")} `.includes(` ${word.toLowerCase()} `) : low.includes(word)))
}
