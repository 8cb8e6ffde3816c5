/** What makes the talk the one that everyone knows: its menus, mentions, notices and keys. It comes when one can write already. */
import { opened } from "../channels.js"
import { channel, may } from "../facts.js"
import { part } from "../page.js"
import * as seen from "../reading/seen.js"
import { _ } from "../words.js"
import * as acts from "./acts.js"
import * as calls from "./calls.js"
import { jump } from "./jump.js"
import * as keyboard from "./keyboard.js"
import * as keys from "./keys.js"
import * as links from "./links.js"
import * as live from "./live.js"
import * as mentions from "./mentions.js"
import * as notices from "./notices.js"

/** @param {HTMLElement} root */
export function start(root) {
  acts.start(root)
  links.start(root)
  mentions.start(part(root, "composer"))
  notices.start(root)
  calls.start(root)
  calls.asked.then(() => arrive(root))
  startUnsealing(root)
  keys.start(root)
  keyboard.start(root)
  live.start()
  part(root, "emoji").addEventListener("click", async () => (await import("./emoji.js")).open(part(root, "composer")))
}

/** Whoever comes by a link to one entry is led there, and then reads. @param {HTMLElement} root */
async function arrive(root) {
  const [id = "", seq] = decodeURIComponent(location.hash.slice(1)).split(":")
  if (Number(seq)) {
    history.replaceState(null, "", location.pathname)
    await opened()
    await jump(id, Number(seq))
  }
  seen.start(root)
}

/** What was taken back is seldom opened: what does it comes when it is first wanted. @param {HTMLElement} root */
function startUnsealing(root) {
  part(root, "streams").addEventListener("click", async (event) => {
    const pressed = event.target instanceof Element ? event.target.closest("[data-act]") : null
    if (pressed instanceof HTMLElement) (await import("./unsealing.js")).press(pressed)
  })
  acts.offerAct(({ channel: id, seq }, row) => row.dataset.state === "recalled" && may("ask_unsealing") && ["record", "talks"].includes(channel(id)?.kind ?? "")
    ? { words: _("Ask the judge to open it"), act: async () => (await import("./unsealing.js")).askToOpen({ channel: id, seq }) } : null)
}
