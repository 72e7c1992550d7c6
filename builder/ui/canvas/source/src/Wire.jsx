// A wire with the shape of the tensor that it carries.
import { memo } from "react";
import { BaseEdge } from "@xyflow/react";

const ROOM = 14;  // pixels that an upright piece needs to have a label beside it

export const Wire = memo(({ data: { path, label, place }, markerEnd }) => (
  <>
    <BaseEdge path={path} markerEnd={markerEnd} interactionWidth={22} />
    {place.length >= ROOM && <text className="wire-label" x={place.x + 7} y={place.y} dominantBaseline="central">{label}</text>}
  </>
));
