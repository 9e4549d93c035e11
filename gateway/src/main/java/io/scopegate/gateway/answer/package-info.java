/** Refusals in the client's own protocol; the only place that knows statuses. */
@NullMarked
package io.scopegate.gateway.answer;

import org.jspecify.annotations.NullMarked;
