// Figures of a model: what, on which data, the value, and its interval where there is one.
import type { ModelManifest } from '#inference/manifest.ts';
import { metricName } from '../inspector/model-words.ts';
import css from '../styles/sheet.module.css';

export function MetricTable({ metrics }: { metrics: ModelManifest['metrics'] }) {
  return (
    <table className={css.figures}>
      <tbody>
        {metrics.map((metric) => {
          const { what, on } = metricName(metric);
          return (
            <tr key={metric.name}>
              <td>
                {what}
                {on !== undefined && <span className="t3"> {on}</span>}
              </td>
              <td className="b">{metric.value.toFixed(3)}</td>
              <td className="t3">{metric.ci && `${metric.ci[0].toFixed(3)} to ${metric.ci[1].toFixed(3)}`}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
