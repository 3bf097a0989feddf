// All routes: is my data safe in the other Region, where is it not, and does the monitor itself work?
local p = import '../lib/panels.libsonnet';

function(config)
  local s = config.selector;
  local states(names) = 'sum(replicanary_route_state{%s, state=~"%s"}) or vector(0)' % [s, names];
  local by(label) = 'sum by (%s)' % label;
  p.dashboard(
    'replicanary-fleet',
    'Replicanary / Fleet',
    'Whether S3 replication works on every route, and why not where it does not.',
    config.tags,
    [
      p.variable('job', 'Job', 'label_values(replicanary_build_info, job)'),
      p.variable('instance', 'Instance', 'label_values(replicanary_build_info{job=~"$job"}, instance)'),
    ],
    p.grid([
      [4, [
        p.stat('Healthy', 'Destinations whose canaries arrive within the objective.', 'short',
               [p.target(states('healthy'), 'healthy', true)], p.red),
        p.stat('Failing', 'Destinations where canaries failed, were lost, or arrived wrong.', 'short',
               [p.target(states('failing'), 'failing', true)], p.green),
        p.stat('Misconfigured', 'Destinations that no rule covers, or whose set-up has an error.', 'short',
               [p.target(states('misconfigured'), 'misconfigured', true)], p.green),
        p.stat('Stalled or late', 'Destinations that replicate too slowly or stand still.', 'short',
               [p.target(states('stalled|late'), 'stalled or late', true)], p.green),
        p.stat('Unknown', 'Destinations of which the monitor cannot tell: its own trouble.', 'short',
               [p.target(states('unknown'), 'unknown', true)], p.green),
        p.stat('Worst recovery point', 'Age of the oldest recovery point: canaries prove replication up to then.', 's',
               [p.target('max(time() - replicanary_canary_last_replicated_write_timestamp_seconds{%s})' % s, 'age', true)],
               p.neutral),
      ]],
      [9, [
        p.table(
          'Destinations',
          'State and recovery point of each destination; the cause, where one was found.',
          'short',
          [
            p.target('replicanary_route_state{%s} == 1' % s, '', true) { format: 'table' },
            p.target('time() - replicanary_canary_last_replicated_write_timestamp_seconds{%s}' % s, '', true)
            { format: 'table' },
          ],
          [
            { id: 'merge', options: {} },
            {
              id: 'organize',
              options: {
                excludeByName: { Time: true, 'Value #A': true, __name__: true, job: true, instance: true },
                renameByName: { 'Value #B': 'recovery point age' },
              },
            },
          ],
          [{ matcher: { id: 'byName', options: 'recovery point age' }, properties: [{ id: 'unit', value: 's' }] }],
        ),
        p.table(
          'Causes',
          'What is wrong, where the monitor has found it out.',
          'short',
          [p.target('replicanary_cause_info{%s}' % s, '', true) { format: 'table' }],
          [{
            id: 'organize',
            options: { excludeByName: { Time: true, Value: true, __name__: true, job: true, instance: true } },
          }],
        ),
      ]],
      [8, [
        p.timeseries(
          'Lag, 99th percentile', 'From the write of a canary to the arrival of its replica, as an upper bound.', 's',
          [p.target(
            'histogram_quantile(0.99, %s (rate(replicanary_canary_lag_seconds_bucket{%s}[$__rate_interval])))'
            % [by('le, route, destination'), s], '{{route}} to {{destination}}'
          )]
        ),
        p.timeseries(
          'Canaries that did not arrive in time', 'Verdicts other than replicated, a second.', 'ops',
          [p.target(
            '%s (rate(replicanary_canary_verdicts_total{%s, verdict!="replicated"}[$__rate_interval]))'
            % [by('route, destination, verdict'), s], '{{route}} to {{destination}}: {{verdict}}'
          )]
        ),
      ]],
      [8, [
        p.timeseries(
          'CloudWatch: replication latency', 'ReplicationLatency, Maximum of a minute, as CloudWatch tells it.', 's',
          [p.target('replicanary_cloudwatch_replication_latency_seconds{%s}' % s, '{{route}} to {{destination}}')]
        ),
        p.timeseries(
          'Pending canaries', 'Canaries that have not arrived and are still waited for.', 'short',
          [p.target('replicanary_canaries_pending{%s}' % s, '{{route}} to {{destination}}')]
        ),
      ]],
      [7, [
        p.timeseries(
          'AWS calls of the monitor', 'By service and operation, a second: what its bill is made of.', 'reqps',
          [p.target(
            '%s (rate(replicanary_aws_requests_total{%s}[$__rate_interval]))' % [by('service, operation'), s],
            '{{service}} {{operation}}'
          )]
        ),
        p.timeseries(
          'Failed AWS calls', 'By code, a second. not_found is the everyday look for what is not there yet.', 'reqps',
          [p.target(
            '%s (rate(replicanary_aws_request_failures_total{%s, code!="not_found"}[$__rate_interval]))'
            % [by('service, code'), s], '{{service}} {{code}}'
          )]
        ),
        p.timeseries(
          'Schedule delay, 99th percentile', 'How much later than planned canaries start.', 's',
          [p.target(
            'histogram_quantile(0.99, %s (rate(replicanary_schedule_delay_seconds_bucket{%s}[$__rate_interval])))'
            % [by('le, instance'), s], '{{instance}}'
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
