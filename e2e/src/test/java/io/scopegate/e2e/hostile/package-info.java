/**
 * What hostile clients do, against a gateway process with a heap of 128 MiB, beside a collector and
 * readers that must notice nothing. Everything but the gateway is a stand-in in the test's JVM.
 */
@NullMarked
package io.scopegate.e2e.hostile;

import org.jspecify.annotations.NullMarked;
