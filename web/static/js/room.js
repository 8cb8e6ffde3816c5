/** The room: the talk first; when one can write, everything else. */
import * as channels from "./channels.js"
import * as chat from "./chat.js"
import * as composer from "./composer.js"
import { catchUp, connect, hear, tell } from "./connection.js"
import * as facts from "./facts.js"
import { say } from "./notices.js"
import * as outbox from "./outbox.js"
import { part } from "./page.js"
import { _ } from "./words.js"

const TRIES = 3

/** @param {HTMLElement} root */
function start(root) {
  facts.start(root.dataset.room ?? "")
  showLine(root)
  channels.start(root, (place) => turn(root, place))
  composer.start(part(root, "composer"), async (files, channel) => (await rest(root)).sendFiles(files, channel))
  pressEarly(root)
  const first = hear("entered", () => {
    first()
    begin(root)
  })
  connect({ later: true })
}

/** Once it is known who is here: what waited on this device goes on. @param {HTMLElement} root */
function begin(root) {
  chat.start(channels.streamOf)
  for (const letter of outbox.waiting()) channels.streamOf(letter.channel)?.showLetter(letter)
  root.dataset.ready = "true"
  if ("requestIdleCallback" in window) requestIdleCallback(() => rest(root), { timeout: 1000 })
  else setTimeout(() => rest(root), 100)
}

/** @type {Promise<typeof import("./later.js")> | undefined} */
let coming

/** What the talk does not need, once it is there. @param {HTMLElement} root */
function rest(root) {
  coming ??= fetchRest(root).then(([later, lead]) => {
    catchUp(() => later.start(root, lead))
    root.dataset.whole = "true"
    root.dispatchEvent(new Event("whole"))
    return later
  })
  return coming
}

/** All its files are asked for at once. A line that is lost meanwhile is waited for. @param {HTMLElement} root */
async function fetchRest(root) {
  for (const address of (root.dataset.later ?? "").split(" ")) {
    const link = document.createElement("link")
    Object.assign(link, { rel: "modulepreload", href: address })
    document.head.append(link)
  }
  for (let tries = 1; ; tries++) {
    try {
      return await Promise.all([import("./later.js"), facts.leads() ? import("./lead.js") : null, fetchSheet(root.dataset.sheet ?? "")])
    } catch (error) {
      // A line that is gone is waited for; anything else is a mistake of ours, and is said as one.
      if (!(error instanceof TypeError) || tries === TRIES) reportError(error)
      if (tries === TRIES) say(_("A part of this page has not come. What you have written is kept."), { act: _("Load the page again"), then: () => location.reload(), stays: true })
      await new Promise((resolve) => setTimeout(resolve, 2000 * tries))
    }
  }
}

/** Once, however often the rest is tried. @param {string} address */
function fetchSheet(address) {
  if (document.querySelector(`link[rel="stylesheet"][href="${address}"]`)) return Promise.resolve()
  const link = document.createElement("link")
  Object.assign(link, { rel: "stylesheet", href: address })
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve)
    link.addEventListener("error", () => { link.remove(); reject(new TypeError(address)) })
    document.head.append(link)
  })
}

/** A button that is pressed before its part is there is pressed again as soon as it is. @param {HTMLElement} root */
function pressEarly(root) {
  for (const button of root.querySelectorAll("[data-early]")) if (button instanceof HTMLButtonElement) button.disabled = false
  /** @type {HTMLElement | null} */
  let pressed = null
  const wait = (/** @type {Event} */ event) => {
    const button = event.target instanceof Element && event.target.closest("[data-early]")
    if (button instanceof HTMLElement) pressed = button
  }
  root.addEventListener("click", wait)
  root.addEventListener("whole", () => {
    root.removeEventListener("click", wait)
    pressed?.click()
  }, { once: true })
}

/** @param {HTMLElement} root @param {import("./channels.js").Place} place */
function turn(root, place) {
  const talk = part(root, "talk")
  talk.dataset.place = place.kind
  const door = part(talk, "door")
  door.hidden = place.kind === "everyone"
  part(door, "sign").textContent = channels.doorSign(place)
  composer.turn(place)
  tell("turned", place)
}

/** @param {HTMLElement} root */
function showLine(root) {
  const mark = part(root, "line")
  hear("line", (state) => {
    root.dataset.line = state
    mark.hidden = state === "online"
    mark.textContent = {
      connecting: _("Connecting…"),
      offline: _("Offline: what you write is kept and sent later"),
      signed_out: _("You are signed out."),
    }[/** @type {string} */ (state)] ?? ""
    if (state === "signed_out") part(root, "signed-out").hidden = false
  })
  hear("shut", (sentence) => {
    const shut = part(root, "shut")
    shut.hidden = false
    part(shut, "sentence").textContent = sentence
  })
}

const root = document.querySelector("[data-part='room']")
if (root instanceof HTMLElement) start(root)
