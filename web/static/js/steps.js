/** The way of the case as a quiet line: done, now, next; with the clock of this step. */
import { hear } from "./connection.js"
import { facts } from "./facts.js"
import { icon, make, part } from "./page.js"
import { dayAndClock } from "./times.js"
import { _ } from "./words.js"

let frozen = false
let ends = ""

/** @param {HTMLElement} root */
export function start(root) {
  const lists = document.querySelectorAll("[data-part='steps']")
  ends = root.dataset.endsAt ?? ""
  frozen = root.dataset.frozen === "true"
  const show = () => lists.forEach((list) => list.replaceChildren(...steps()))
  for (const name of ["entered", "mediation_began", "agreement_effective"]) hear(name, (entry) => { ends = entry?.body?.ends_at ?? ends; show() })
  hear("agreement_frozen", () => { frozen = true; show() })
  hear("agreement_thawed", () => { frozen = false; show() })
}

function steps() {
  const names = [_("Invitation"), _("Consent"), _("Talks"), _("Signing"), _("Outcome")]
  const here = stepOf(facts().case.state)
  return names.map((name, n) => {
    const step = make("li", `steps__step${n < here ? " steps__step--done" : ""}`)
    if (n < here) step.append(icon("check"), make("span", "unseen", _("done:")))
    step.append(name)
    if (n === here) {
      step.setAttribute("aria-current", "step")
      if (n === 2 && ends) step.append(make("span", "steps__clock", _("until %(when)s", { when: dayAndClock(ends) })))
    }
    return step
  })
}

/** @param {string} state */
function stepOf(state) {
  if (["agreed", "part_agreed", "settled"].includes(state)) return 5
  if (state === "ended") return 4
  if (state === "consent_pending") return 1
  return frozen ? 3 : 2
}
