/** Asking the server for something that it may refuse: then its sentence is shown. */
import { ask, Refusal } from "../connection.js"
import { say } from "../notices.js"

/** @param {string} name @param {object} payload @returns {Promise<any>} the answer, null when it was refused */
export async function act(name, payload) {
  try {
    return await ask(name, payload)
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
    return null
  }
}

/** Opens the sheet of a private talk; it comes when it is first wanted. @param {Parameters<typeof import("./sheet.js").begin>} args */
export async function begin(...args) {
  const sheet = await import("./sheet.js")
  sheet.begin(...args)
}
