// What stands below Layers while Attention is selected: its map, the prediction, the models.
import { AttentionSection } from './attention-section.tsx';
import { PoolingSection } from './pooling-section.tsx';
import { PredictionSection } from './prediction-section.tsx';

export default function AttentionSections() {
  return (
    <>
      <AttentionSection />
      <PredictionSection />
      <PoolingSection />
    </>
  );
}
