"use strict";
// Marks are radio buttons named "chat/system/quality"; they are kept in this browser until they are saved as a file.
const page = JSON.parse(document.getElementById("page").textContent);
const kept = "tellgraph ratings " + page.id;
const rater = document.getElementById("rater");
const marks = () => Array.from(document.querySelectorAll("input[type=radio]:checked"));

function keep() {
  document.getElementById("progress").textContent = marks().length + " of " + page.marks + " marks given.";
  const state = { rater: rater.value, marks: marks().map((mark) => mark.id) };
  try { localStorage.setItem(kept, JSON.stringify(state)); } catch { /* a browser that keeps nothing: the file will */ }
}

function save() {
  const ratings = new Map();
  for (const mark of marks()) {
    const [chat, place, quality] = mark.name.split("/");
    const one = chat + "/" + place;
    if (!ratings.has(one)) ratings.set(one, { chat: Number(chat), system: page.order[chat][place] });
    ratings.get(one)[quality] = Number(mark.value);
  }
  const file = { page: page.id, rater: rater.value.trim(), ratings: [...ratings.values()] };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2) + "\n"], { type: "application/json" }));
  link.download = "ratings.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

try {
  const state = JSON.parse(localStorage.getItem(kept)) || { rater: "", marks: [] };
  rater.value = state.rater;
  for (const id of state.marks) document.getElementById(id).checked = true;
} catch { /* nothing was kept, or nothing that can be read */ }
document.addEventListener("input", keep);
document.getElementById("save").addEventListener("click", save);
keep();
