// How the search weighs what it finds: as Sphinx does, but a page that an entry of the index leads to
// comes before the glossary, the errata and the other pages of reference.
var Scorer = {
  score: ([page, , , , score]) => score
    - (/(glossary|notation|errata|references|models)$/.test(page) ? 60 : 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
