/** One request between its two ends: credit, budgets, deadlines, re-checks of rights. */
@NullMarked
package io.scopegate.gateway.exchange;

import org.jspecify.annotations.NullMarked;
