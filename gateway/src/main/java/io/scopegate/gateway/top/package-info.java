/** The live picture of {@code scopegate top}, from the metrics of a running gateway. */
@NullMarked
package io.scopegate.gateway.top;

import org.jspecify.annotations.NullMarked;
