// The few kinds of panels that the dashboards are made of. Each has a title, a description and a unit.
{
  local datasource = { type: 'prometheus', uid: '${datasource}' },

  target(expr, legend, instant=false):: {
    datasource: datasource,
    expr: expr,
    legendFormat: legend,
    instant: instant,
    range: !instant,
    refId: 'A',
  },

  local numbered(targets) = [
    targets[place] { refId: std.char(std.codepoint('A') + place) }
    for place in std.range(0, std.length(targets) - 1)
  ],

  local panel(kind, title, description, unit, targets) = {
    type: kind,
    title: title,
    description: description,
    datasource: datasource,
    targets: numbered(targets),
    fieldConfig: { defaults: { unit: unit }, overrides: [] },
    options: {},
  },

  stat(title, description, unit, targets, steps):: panel('stat', title, description, unit, targets) {
    fieldConfig+: { defaults+: { color: { mode: 'thresholds' }, thresholds: { mode: 'absolute', steps: steps } } },
    options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background', graphMode: 'none' },
  },

  timeseries(title, description, unit, targets):: panel('timeseries', title, description, unit, targets) {
    fieldConfig+: { defaults+: { custom: { fillOpacity: 8, showPoints: 'never', spanNulls: false } } },
    options: { legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] } },
  },

  heatmap(title, description, unit, targets):: panel('heatmap', title, description, unit, targets) {
    options: { calculate: false, yAxis: { unit: unit }, color: { scheme: 'Oranges', mode: 'scheme' } },
  },

  timeline(title, description, targets, mappings=[]):: panel('state-timeline', title, description, 'none', targets) {
    fieldConfig+: { defaults+: { mappings: mappings, color: { mode: 'thresholds' } } },
    options: { mergeValues: true, showValue: 'never', rowHeight: 0.9 },
  },

  table(title, description, unit, targets, transformations, overrides=[])::
    panel('table', title, description, unit, targets) {
      transformations: transformations,
      fieldConfig+: { overrides: overrides },
    },

  row(title):: { type: 'row', title: title, collapsed: false, panels: [] },

  green:: [{ color: 'green', value: null }, { color: 'red', value: 1 }],
  red:: [{ color: 'red', value: null }, { color: 'green', value: 1 }],
  neutral:: [{ color: 'blue', value: null }],

  // Lays out rows of panels: each row is [height, [panel, ...]], and its panels share the width.
  grid(rows):: std.foldl(
    function(done, row)
      local height = row[0], panels = row[1], width = std.floor(24 / std.length(panels));
      {
        y: done.y + height,
        panels: done.panels + [
          panels[place] { gridPos: { x: place * width, y: done.y, w: width, h: height } }
          for place in std.range(0, std.length(panels) - 1)
        ],
      },
    rows,
    { y: 0, panels: [] }
  ).panels,

  dashboard(uid, title, description, tags, variables, panels, links=[]):: {
    uid: uid,
    title: title,
    description: description,
    tags: tags,
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    links: links,
    annotations: { list: [] },
    templating: {
      list: [{
        name: 'datasource',
        label: 'Data source',
        type: 'datasource',
        query: 'prometheus',
        current: {},
        hide: 0,
      }] + variables,
    },
    panels: [panels[place] { id: place + 1 } for place in std.range(0, std.length(panels) - 1)],
  },

  variable(name, label, query, multi=true):: {
    name: name,
    label: label,
    type: 'query',
    datasource: datasource,
    definition: query,
    query: { query: query, refId: name },
    refresh: 2,
    sort: 1,
    multi: multi,
    includeAll: multi,
    allValue: if multi then '.+' else null,
    current: if multi then { text: 'All', value: '$__all' } else {},
  },
}
