/** A link whose real host is not what the eye reads says so before anybody leaves. */
import { confirm } from "../notices.js"
import { part } from "../page.js"
import { _ } from "../words.js"

/** @param {HTMLElement} root */
export function start(root) {
  for (const name of ["click", "auxclick"]) {
    part(root, "streams").addEventListener(name, (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[data-differs]") : null
      if (!(link instanceof HTMLAnchorElement)) return
      event.preventDefault()
      ask(link.href, link.dataset.host ?? "")
    })
  }
}

/** @param {string} address @param {string} host */
async function ask(address, host) {
  const yes = await confirm({
    title: _("This link leads to %(host)s", { host }),
    text: _("It is written so that one could take it for another address. Go on only if you expected this one."),
    act: _("Open %(host)s", { host }),
  })
  if (yes !== null) open(address, "_blank", "noopener,noreferrer")
}
