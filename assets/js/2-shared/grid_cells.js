/* What the tables (AG Grid) call by name: the order of a column, what Tab does, and the cell that shows a category with its color. */
(function () {
  "use strict";

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  /* Numbers in order; missing ones come last, in ascending and in descending order. */
  functions.missingLast = function (a, b, descending) {
    const isMissing = (value) => value === null || value === undefined;
    if (isMissing(a) || isMissing(b)) {
      return isMissing(a) && isMissing(b) ? 0 : isMissing(a) === Boolean(descending) ? -1 : 1;
    }
    return a - b;
  };

  /* Tab on a cell leaves the table: the browser looks for what comes after it. */
  functions.leaveTable = function () {
    return false;
  };

  components.CategoryChip = function (props) {
    const create = window.React.createElement;
    const color = props.data && props.data.color;
    return create(
      "span",
      { className: "category-chip", title: props.value },
      create("span", { className: "category-colour", style: { background: color }, "aria-hidden": true }),
      create("span", null, props.value),
    );
  };
})();
