// Makes the assignment of a page one that can be written; where that fails, the page says so.
import { Assignment } from "./assignment.js";

const root = document.querySelector(".homework");
new Assignment(root).start().catch((error) => {
  document.getElementById("homework-old").hidden = false;
  throw error;
});
