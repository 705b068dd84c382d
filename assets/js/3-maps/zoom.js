/* One zoom for all maps of a page: when one is dragged or zoomed the others follow, and the address keeps the zoom.
 *
 * A range is [x0, x1, y0, y1] in the coordinates of the embedding, both pairs rising; the y axis of a tissue grows
 * downwards, so that Plotly has its ends the other way round. */
(function () {
  "use strict";

  const PATIENCE = 10_000; // ms until a plot that was asked for must be there
  const CLOSE = 1e-4; // of width and height: differences below are rounding

  const rising = (ends) => (ends[0] > ends[1] ? [ends[1], ends[0]] : [...ends]);

  const isDown = (layout) => layout.yaxis.range[0] > layout.yaxis.range[1];

  const whole = (layout) => [...layout.xaxis.range, ...rising(layout.yaxis.range)];

  const contains = (outer, inner) => outer[0] <= inner[0] && outer[1] >= inner[1] && outer[2] <= inner[2] && outer[3] >= inner[3];

  /* The range that a map of `all` shows by a zoom; a zoom to where nothing of the map lies is none. */
  function target(all, zoom) {
    const overlaps = zoom && zoom[0] < all[1] && zoom[1] > all[0] && zoom[2] < all[3] && zoom[3] > all[2];
    return overlaps ? zoom : all;
  }

  function differs(one, other) {
    const close = (Math.abs(one[1] - one[0]) + Math.abs(one[3] - one[2])) * CLOSE;
    return one.some((value, end) => Math.abs(value - other[end]) > close);
  }

  /* The range that a plot shows; null while it is not drawn. */
  function range(plot) {
    const layout = plot && plot._fullLayout;
    return layout && layout.xaxis && layout.xaxis.range ? whole(layout) : null;
  }

  const ends = (shown, down) => (down ? [shown[3], shown[2]] : shown.slice(2));

  const axes = (shown, down) => ({ "xaxis.range": shown.slice(0, 2), "yaxis.range": ends(shown, down) });

  /* The zoom of a group of maps (maps.js). `listen(side, plot)` is called once for each plot that appears. */
  function linked(group, listen) {
    const listening = new WeakSet();
    const requested = new WeakMap(); // plot -> the range that it was told last, which needs no answer
    let fitted = new WeakMap(); // plot -> the size in which it was told its range

    const othersOf = (side) => group.sides.filter((other) => other !== side && group.shown[other]);

    function layout(figure) {
      const shown = target(whole(figure), group.address.zoom());
      return { xaxis: { ...figure.xaxis, range: shown.slice(0, 2) }, yaxis: { ...figure.yaxis, range: ends(shown, isDown(figure)) } };
    }

    /* Show on one plot what another shows, and with its tool if that changed. */
    function follow(from, to, change) {
      const [wanted, shown] = [range(from), range(to)];
      if (!wanted || !shown) {
        return;
      }
      const moves = differs(wanted, shown);
      const tool = change && change.dragmode;
      if (moves) {
        requested.set(to, wanted.join());
      }
      if (moves || (tool && tool !== to._fullLayout.dragmode)) {
        window.Plotly.relayout(to, { ...(moves ? axes(wanted, isDown(to._fullLayout)) : {}), ...(tool ? { dragmode: tool } : {}) });
      }
    }

    /* A double click goes back to the whole map, also after another atlas or embedding came into the same plot. */
    function setHome(side) {
      const layout = group.plot(side)?._fullLayout;
      if (group.shown[side] && layout && layout.xaxis) {
        for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
          [layout[name]._rangeInitial0, layout[name]._rangeInitial1] = group.shown[side].layout[name[0] + "axis"].range;
        }
      }
    }

    /* Plotly widens what is shown to fill another size, and never narrows it again: so it is told anew at each size. */
    function fit(side) {
      const plot = group.plot(side);
      const layout = plot && plot._fullLayout;
      if (!group.shown[side] || !layout || !layout.xaxis) {
        return;
      }
      const size = `${layout.width} ${layout.height}`;
      if (fitted.get(plot) !== size) {
        fitted.set(plot, size);
        const shown = target(whole(group.shown[side].layout), group.address.zoom());
        requested.set(plot, shown.join());
        window.Plotly.relayout(plot, axes(shown, isDown(group.shown[side].layout)));
      }
    }

    function connect(side, plot) {
      const drawn = () => (setHome(side), fit(side));
      drawn();
      plot.on("plotly_afterplot", drawn);
      listen(side, plot);
      // While a map is dragged the others go along, at most once a frame.
      let scheduled = false;
      plot.on("plotly_relayouting", function () {
        if (!scheduled) {
          scheduled = true;
          window.requestAnimationFrame(function () {
            scheduled = false;
            othersOf(side).forEach((other) => follow(plot, group.plot(other)));
          });
        }
      });
    }

    function connectAll(since) {
      const open = group.sides.filter((side) => group.shown[side]);
      for (const side of open) {
        const plot = group.plot(side);
        if (plot && plot.on && !listening.has(plot)) {
          listening.add(plot);
          connect(side, plot);
        }
      }
      if (!open.every((side) => listening.has(group.plot(side))) && Date.now() - since < PATIENCE) {
        window.requestAnimationFrame(() => connectAll(since));
      }
    }

    /* New figures are on their way to the page: connect their plots as they appear. */
    function painted() {
      fitted = new WeakMap();
      connectAll(Date.now());
    }

    /* A visitor moved a map: `change` is what Plotly's relayout tells. */
    function moved(side, change) {
      if (change.autosize) {
        return; // another size; `fit` follows, or has asked for its range already
      }
      const plot = group.plot(side);
      const told = change["xaxis.range"] && [...change["xaxis.range"], ...rising(change["yaxis.range"] || [])].join();
      const isAnswer = told && told === requested.get(plot);
      requested.delete(plot); // the next one of the same ranges is a visitor's, such as a double click
      if (isAnswer) {
        return;
      }
      othersOf(side).forEach((other) => follow(plot, group.plot(other), change));
      if (Object.keys(change).some((name) => /axis/.test(name))) {
        const shown = range(plot);
        group.address.setZoom(contains(shown, whole(group.shown[side].layout)) ? null : shown);
      }
    }

    /* Zoom a map about a place (hover.js) of its own; a factor below 1 shows less. */
    function about(side, place, factor) {
      const plot = group.plot(side);
      const [x0, x1, y0, y1] = range(plot);
      const [x, y] = place ? place.at : [(x0 + x1) / 2, (y0 + y1) / 2];
      const wanted = [x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor];
      window.Plotly.relayout(plot, axes(wanted, isDown(plot._fullLayout)));
    }

    return { layout, painted, moved, about };
  }

  window.masldatlas.zoom = { PATIENCE, whole, isDown, axes, contains, target, differs, range, linked };
})();
