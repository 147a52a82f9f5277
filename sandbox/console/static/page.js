"use strict";
// Ask for the page again and exchange the messages, so that scrolling and selection elsewhere stay.
const refresh = async () => {
  if (document.hidden || getSelection().toString()) return;
  const answer = await fetch("/");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("messages");
  const shown = document.getElementById("messages");
  if (fresh && fresh.innerHTML !== shown.innerHTML) shown.replaceWith(document.adoptNode(fresh));
};
setInterval(() => refresh().catch(() => {}), 1000);
