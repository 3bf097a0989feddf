// One route: its destinations' states over time, lag, keys, CloudWatch beside the canary, and what was changed.
local p = import '../lib/panels.libsonnet';

function(config)
  local s = config.selector + ', route=~"$route", destination=~"$destination"';
  local route = config.selector + ', route=~"$route"';
  local where = '{{destination}}';
  local words = { '0': { text: 'no', color: 'red' }, '1': { text: 'yes', color: 'green' } };
  p.dashboard(
    'replicanary-route',
    'Replicanary / Route',
    'One route: canaries, lag, keys, CloudWatch and the set-up.',
    config.tags,
    [
      p.variable('job', 'Job', 'label_values(replicanary_build_info, job)'),
      p.variable('instance', 'Instance', 'label_values(replicanary_build_info{job=~"$job"}, instance)'),
      p.variable('route', 'Route', 'label_values(replicanary_route_info{job=~"$job", instance=~"$instance"}, route)', false),
      p.variable('destination', 'Destination', 'label_values(replicanary_route_info{route=~"$route"}, destination)'),
    ],
    p.grid([
      [7, [
        p.timeline(
          'State', 'The state of each destination; one of them holds at a time.',
          [p.target('replicanary_route_state{%s} == 1' % s, '{{destination}}: {{state}}')],
          [{ type: 'value', options: { '1': { text: 'holds', color: 'blue' } } }]
        ),
        p.table(
          'Cause', 'What is wrong, where the monitor has found it out.', 'short',
          [p.target('replicanary_cause_info{%s}' % s, '', true) { format: 'table' }],
          [{
            id: 'organize',
            options: { excludeByName: { Time: true, Value: true, __name__: true, job: true, instance: true } },
          }],
        ),
      ]],
      [8, [
        p.heatmap(
          'Lag', 'How many canaries arrived within which time.', 's',
          [p.target(
            'sum by (le) (increase(replicanary_canary_lag_seconds_bucket{%s}[$__rate_interval]))' % s, '{{le}}'
          ) { format: 'heatmap' }]
        ),
        p.timeseries(
          'Lag against objective', 'Percentiles of the lag, as upper bounds, and the configured objective.', 's',
          [
            p.target(
              'histogram_quantile(0.5, sum by (le, destination) (rate(replicanary_canary_lag_seconds_bucket{%s}[$__rate_interval])))'
              % s, where + ' p50'
            ),
            p.target(
              'histogram_quantile(0.99, sum by (le, destination) (rate(replicanary_canary_lag_seconds_bucket{%s}[$__rate_interval])))'
              % s, where + ' p99'
            ),
            p.target('replicanary_lag_objective_seconds{%s}' % s, where + ' objective'),
          ]
        ),
      ]],
      [7, [
        p.timeseries(
          'Verdicts', 'How canaries ended, in each step of the chart.', 'short',
          [p.target(
            'sum by (destination, verdict) (increase(replicanary_canary_verdicts_total{%s}[$__rate_interval]))' % s,
            where + ': {{verdict}}'
          )]
        ),
        p.timeseries(
          'Recovery point age', 'Canaries prove replication up to this long ago, except in the gaps.', 's',
          [p.target('time() - replicanary_canary_last_replicated_write_timestamp_seconds{%s}' % s, where)]
        ),
        p.timeseries(
          'Pending', 'Canaries that have not arrived, and the age of the oldest in seconds.', 'short',
          [
            p.target('replicanary_canaries_pending{%s}' % s, where),
            p.target('time() - replicanary_canary_oldest_pending_timestamp_seconds{%s}' % s, where + ' oldest (s)'),
          ]
        ),
      ]],
      [8, [
        p.timeseries(
          'CloudWatch: latency beside the canary', 'ReplicationLatency of CloudWatch and the slowest canary of the hour.', 's',
          [
            p.target('replicanary_cloudwatch_replication_latency_seconds{%s}' % s, where + ' CloudWatch'),
            p.target(
              'histogram_quantile(1, sum by (le, destination) (rate(replicanary_canary_lag_seconds_bucket{%s}[1h])))' % s,
              where + ' canary'
            ),
          ]
        ),
        p.timeseries(
          'CloudWatch: backlog', 'Operations that are pending, Maximum of a minute.', 'short',
          [p.target('replicanary_cloudwatch_operations_pending{%s}' % s, where)]
        ),
        p.timeseries(
          'Age of the newest CloudWatch point', 'CloudWatch tells late and in batches; beyond 20 minutes it is silent.', 's',
          [p.target(
            'time() - replicanary_cloudwatch_datapoint_timestamp_seconds{%s}' % s, where + ' {{metric}}'
          )]
        ),
      ]],
      [7, [
        p.timeline(
          'Replica key as expected', 'Whether the newest replica has the expected KMS key.',
          [p.target('replicanary_kms_key_match{%s}' % s, where)],
          [{ type: 'value', options: words }]
        ),
        p.timeline(
          'KMS keys usable', 'Whether S3 can use the key of each side.',
          [p.target('replicanary_kms_key_usable{%s}' % route, '{{side}} {{destination}}')],
          [{ type: 'value', options: words }]
        ),
        p.timeseries(
          'Clean-up', 'Versions of canaries that were removed, in each step of the chart.', 'short',
          [p.target(
            'sum by (side, destination) (increase(replicanary_canary_objects_deleted_total{%s}[$__rate_interval]))' % route,
            '{{side}} {{destination}}'
          )]
        ),
      ]],
    ]),
    [{
      type: 'dashboards',
      title: 'Replicanary',
      tags: ['replicanary'],
      asDropdown: false,
      includeVars: true,
      keepTime: true,
      icon: 'external link',
    }],
  )
