/** What makes the talk the one that everyone knows: its menus, mentions, notices and keys. It comes when one can write already. */
import { part } from "../page.js"
import * as acts from "./acts.js"
import * as calls from "./calls.js"
import * as keyboard from "./keyboard.js"
import * as keys from "./keys.js"
import * as links from "./links.js"
import * as live from "./live.js"
import * as mentions from "./mentions.js"
import * as notices from "./notices.js"
import * as unsealing from "./unsealing.js"

/** @param {HTMLElement} root */
export function start(root) {
  acts.start(root)
  links.start(root)
  mentions.start(part(root, "composer"))
  notices.start(root)
  calls.start(root)
  unsealing.start(root)
  keys.start(root)
  keyboard.start(root)
  live.start()
  part(root, "emoji").addEventListener("click", async () => (await import("./emoji.js")).open(part(root, "composer")))
}
