/**
 * A Tempo that keeps tenants apart, stores spans in memory, answers queries from what it stored,
 * streams search by message, and remembers everything it was asked.
 */
@NullMarked
package io.scopegate.testkit.tempo;

import org.jspecify.annotations.NullMarked;
