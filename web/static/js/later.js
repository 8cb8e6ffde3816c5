/** What the room has beside the talk: the stage, the people, who leads, documents and files. It comes when one can write already. */
import * as attach from "./attach.js"
import * as care from "./care.js"
import "./cards/caucus.js"
import "./cards/keeping.js"
import "./cards/meeting.js"
import "./cards/order.js"
import "./cards/outcome.js"
import "./cards/recording.js"
import * as caucus from "./caucus.js"
import { hear, tell } from "./connection.js"
import { facts } from "./facts.js"
import * as house from "./house.js"
import * as kits from "./kits.js"
import { part } from "./page.js"
import * as people from "./people.js"
import * as quiet from "./quiet.js"
import * as reading from "./reading/reading.js"
import * as recording from "./recording.js"
import * as stage from "./stage.js"
import { now } from "./stage/now.js"
import * as tiles from "./stage/tiles.js"
import * as tools from "./stage/tools.js"
import * as steps from "./steps.js"
import * as talk from "./talk/talk.js"
import * as uploads from "./uploads.js"

export { sendFiles } from "./attach.js"

/** @param {HTMLElement} root @param {typeof import("./lead.js") | null} lead the part of who leads, for who does */
export function start(root, lead) {
  attach.start(part(root, "composer"))
  tell("cards", null)
  caucus.start(root)
  part(document.body, "document").addEventListener("click", async () => (await import("./documents.js")).open(document.body))
  care.start(part(root, "composer"))
  house.start(root)
  kits.start()
  lead?.start(root)
  quiet.start(root)
  reading.start(root)
  recording.start(root)
  tiles.start(part(root, "stage-area"))
  tools.start(part(root, "stage-area"))
  if (lead) people.start(lead.actsFor)
  startPeople(root)
  stage.start()
  steps.start(root)
  talk.start(root)
  uploads.start(root, `${facts().room}:${facts().me}`)
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
  for (const name of ["people", "stage"]) {
    hear(name, () => {
      people.showStage({ here: now.people, waiting: now.waiting, away: now.away, hands: now.hands, network: now.network, lines: now.lines })
      people.show(list)
    })
  }
}
