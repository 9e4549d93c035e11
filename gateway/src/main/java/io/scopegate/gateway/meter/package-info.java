/**
 * Measures bodies while they pass: what they decode to, how many spans are in them, and which range
 * of time a query asks for.
 *
 * <p>Nothing here reads ahead, keeps or copies a body, and no input makes it throw. {@link
 * io.scopegate.gateway.meter.BodyMeter} takes pieces by absolute index and carries a few hundred
 * bytes of state from one to the next, so where a body is split changes no result.
 */
@NullMarked
package io.scopegate.gateway.meter;

import org.jspecify.annotations.NullMarked;
