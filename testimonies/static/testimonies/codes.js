// Narrows a codebook's tree as one types, and says how many codes are chosen. Without JavaScript the whole tree is there.
"use strict";
for (const tree of document.querySelectorAll("[data-codes]")) {
    const bar = tree.querySelector(".codes-search");
    if (!tree.querySelector("input[type=checkbox]")) continue;
    const search = bar.querySelector("input");
    const status = bar.querySelector("[role=status]");
    const items = [...tree.querySelectorAll("li")];
    const groups = [...tree.querySelectorAll(".dimension")];
    const books = [...tree.querySelectorAll(".codes-book")];
    const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const names = new Map([...items, ...groups].map((one) => [one, fold(one.dataset.name)]));

    const tell = () => {
        const chosen = tree.querySelectorAll("input[type=checkbox]:checked").length;
        const shown = items.filter((item) => !item.hidden).length;
        for (const group of groups) {
            const number = group.querySelectorAll("input[type=checkbox]:checked").length;
            const tag = group.querySelector("[data-chosen]");
            tag.hidden = !number;
            tag.textContent = `${number} chosen`;
        }
        status.textContent = `${chosen} chosen${search.value.trim() ? `, ${shown} of ${items.length} shown` : ""}`;
    };
    const narrow = () => {
        const words = fold(search.value).split(/\s+/).filter(Boolean);
        const has = (one) => words.every((word) => names.get(one).includes(word));
        // from the leaves up: a code is shown with those below it that are found, and with those above it
        for (const item of items.toReversed()) {
            item.hidden = !(has(item) || has(item.closest(".dimension")) || item.querySelector("li:not([hidden])"));
        }
        for (const group of groups) {
            group.hidden = !group.querySelector("li:not([hidden])");
            group.open = words.length ? !group.hidden : Boolean(group.querySelector("input[type=checkbox]:checked"));
        }
        for (const book of books) {
            book.hidden = !book.querySelector(".dimension:not([hidden])");
            if (words.length) book.open = !book.hidden;
        }
        tell();
    };
    search.addEventListener("input", narrow);
    search.addEventListener("keydown", (event) => {
        if (event.key === "Enter") event.preventDefault(); // it searches, it does not save
    });
    tree.addEventListener("change", tell);
    bar.hidden = false;
    tell();
}
