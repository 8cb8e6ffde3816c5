/** The room: puts its parts together. */
import * as channels from "./channels.js"
import * as chat from "./chat.js"
import * as composer from "./composer.js"
import { connect, hear } from "./connection.js"
import * as documents from "./documents.js"
import * as facts from "./facts.js"
import * as kits from "./kits.js"
import * as lead from "./lead.js"
import * as outbox from "./outbox.js"
import { part } from "./page.js"
import * as people from "./people.js"
import * as recording from "./recording.js"
import * as stage from "./stage.js"
import { now } from "./stage/now.js"
import * as tiles from "./stage/tiles.js"
import * as tools from "./stage/tools.js"
import * as steps from "./steps.js"
import * as uploads from "./uploads.js"
import { _ } from "./words.js"

/** @param {HTMLElement} root */
function start(root) {
  facts.start(root.dataset.room ?? "")
  showLine(root)
  channels.start(root, { turn: (place) => turn(root, place), reply: (entry) => composer.reply(entry) })
  composer.start(part(root, "composer"))
  documents.start(document.body)
  steps.start(root)
  lead.start(root)
  recording.start(root)
  tiles.start(part(root, "stage-area"))
  tools.start(part(root, "stage-area"))
  kits.start()
  startPeople(root)
  stage.start()
  const first = hear("entered", () => {
    first()
    begin(root)
  })
  connect()
}

/** Once it is known who is here: what waited on this device goes on. @param {HTMLElement} root */
function begin(root) {
  chat.start(channels.streamOf)
  for (const letter of outbox.waiting()) channels.streamOf(letter.channel)?.showLetter(letter)
  uploads.start(root, `${facts.facts().room}:${facts.facts().me}`)
  root.dataset.ready = "true"
}

/** @param {HTMLElement} root @param {import("./channels.js").Place} place */
function turn(root, place) {
  const talk = part(root, "talk")
  talk.dataset.place = place.kind
  const door = part(talk, "door")
  door.hidden = place.kind === "everyone"
  part(door, "sign").textContent = channels.doorSign(place)
  composer.turn(place)
}

/** The list stands at the side of a desk and comes in a drawer elsewhere: one list, two homes. @param {HTMLElement} root */
function startPeople(root) {
  const list = part(root, "people")
  const drawer = /** @type {HTMLDialogElement} */ (part(document.body, "drawer"))
  const wide = matchMedia("(min-width: 68.75rem)")
  const settle = () => {
    part(wide.matches ? root : drawer, wide.matches ? "side" : "drawer-body").append(list)
    if (wide.matches && drawer.open) drawer.close()
  }
  settle()
  wide.addEventListener("change", settle)
  part(root, "open-people").addEventListener("click", () => drawer.showModal())
  part(drawer, "close").addEventListener("click", () => drawer.close())
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close())
  people.start(lead.actsFor)
  people.showStage({ here: now.people, waiting: now.waiting, away: now.away, hands: now.hands, network: now.network })
  for (const name of ["people", "stage"]) {
    hear(name, () => {
      people.showStage({ here: now.people, waiting: now.waiting, away: now.away, hands: now.hands, network: now.network })
      people.show(list)
    })
  }
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
