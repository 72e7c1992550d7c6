// What nodes, frames and wires need of the canvas around them.
import { createContext, useContext } from "react";

export const CanvasContext = createContext(null);
export const useCanvas = () => useContext(CanvasContext);
