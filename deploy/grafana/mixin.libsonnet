// A monitoring mixin: dashboards, alerts and recording rules of Replicanary, for people who build with jsonnet.
// Everybody else imports rendered/*.json and loads ../prometheus/replicanary.rules.yaml.
{
  local rules = std.parseYaml(importstr '../prometheus/replicanary.rules.yaml'),

  _config+:: {
    // Which jobs are monitors.
    selector: 'job=~"$job", instance=~"$instance"',
    // Where links to routes lead, the address of the monitor's own page; none by default.
    pageUrl: '',
    tags: ['replicanary', 's3', 'replication'],
  },

  grafanaDashboards+:: {
    'replicanary-fleet.json': (import 'dashboards/fleet.libsonnet')($._config),
    'replicanary-route.json': (import 'dashboards/route.libsonnet')($._config),
  },

  local only(kind) = {
    groups: std.filter(
      function(group) std.length(group.rules) > 0,
      [
        group { rules: std.filter(function(rule) std.objectHas(rule, kind), group.rules) }
        for group in rules.groups
      ]
    ),
  },
  prometheusAlerts+:: only('alert'),
  prometheusRules+:: only('record'),
}
