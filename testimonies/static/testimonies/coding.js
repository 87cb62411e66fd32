// What is marked in a text is the passage: its place is counted in Unicode code points of the text as it is kept, in which
// line ends may be of two characters. Without JavaScript the words are copied, and looked for by the service.
"use strict";
for (const form of document.querySelectorAll("[data-coding]")) {
    const quote = form.querySelector("[name=quote]");
    if (!quote) continue;
    const start = form.querySelector("[name=start]");
    const end = form.querySelector("[name=end]");
    const said = form.querySelector("[data-said]");

    // from a place in what the browser shows, in UTF-16 units, to one in what is kept, in code points
    const placeIn = (kept, shown) => {
        let points = 0;
        let units = 0;
        for (let i = 0; i < kept.length && units < shown; points += 1) {
            const character = String.fromCodePoint(kept.codePointAt(i));
            const isPair = character === "\r" && kept[i + 1] === "\n"; // shown as one
            i += character.length;
            if (!isPair) units += character.length;
        }
        return points;
    };
    const mark = (area) => {
        if (area.selectionStart === area.selectionEnd) return;
        const kept = JSON.parse(document.getElementById(area.dataset.text).textContent);
        start.value = placeIn(kept, area.selectionStart);
        end.value = placeIn(kept, area.selectionEnd);
        quote.value = area.value.slice(area.selectionStart, area.selectionEnd);
        form.querySelector(`[name=text_id][value="${area.dataset.text}"]`).checked = true;
        said.textContent = `Marked: ${end.value - start.value} characters.`;
    };
    for (const area of form.querySelectorAll("[data-text]")) {
        area.addEventListener("beforeinput", (event) => event.preventDefault()); // readonly, keys could not mark in it
        area.addEventListener("select", () => mark(area));
        area.addEventListener("keyup", () => mark(area));
        area.addEventListener("mouseup", () => mark(area));
    }
    quote.addEventListener("input", () => {
        start.value = end.value = ""; // typed or copied: its place is looked for
        said.textContent = "";
    });
}
