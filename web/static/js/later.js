/** What the room has beside the talk: the stage, the people, who leads, documents and files. It comes when one can write already. */
import * as attach from "./attach.js"
import * as caucus from "./caucus.js"
import { hear } from "./connection.js"
import * as documents from "./documents.js"
import { facts } from "./facts.js"
import * as kits from "./kits.js"
import * as lead from "./lead.js"
import { part } from "./page.js"
import * as people from "./people.js"
import * as recording from "./recording.js"
import * as stage from "./stage.js"
import { now } from "./stage/now.js"
import * as tiles from "./stage/tiles.js"
import * as tools from "./stage/tools.js"
import * as steps from "./steps.js"
import * as talk from "./talk/talk.js"
import * as uploads from "./uploads.js"

export { sendFiles } from "./attach.js"

/** @param {HTMLElement} root */
export function start(root) {
  attach.start(part(root, "composer"))
  caucus.start(root)
  documents.start(document.body)
  kits.start()
  lead.start(root)
  recording.start(root)
  tiles.start(part(root, "stage-area"))
  tools.start(part(root, "stage-area"))
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
  people.start(lead.actsFor)
  for (const name of ["people", "stage"]) {
    hear(name, () => {
      people.showStage({ here: now.people, waiting: now.waiting, away: now.away, hands: now.hands, network: now.network, lines: now.lines })
      people.show(list)
    })
  }
}
