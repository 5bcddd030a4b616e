import { defineComponent } from 'vue'
import type { PropType } from 'vue'
import { toStep } from '../../charts/step-axis.ts'
import { useChartSync } from '../../charts/sync.ts'
import { useDetail } from '../../stores/follow.ts'
import type { Followed } from '../../stores/follow.ts'

/** Shows nothing; fetches detail of one run for the range in view, for as long as the run is on the page. */
export const DetailFeed = defineComponent({
  props: {
    followed: { type: Object as PropType<Followed>, required: true },
    pixels: { type: Number, required: true },
  },
  setup(props) {
    const sync = useChartSync()
    useDetail(
      props.followed,
      () => {
        const { axis } = props.followed.chart
        if (!sync.range) return null
        return { min: toStep(axis, sync.mode, sync.range.min), max: toStep(axis, sync.mode, sync.range.max) }
      },
      () => props.pixels,
    )
    return () => null
  },
})
