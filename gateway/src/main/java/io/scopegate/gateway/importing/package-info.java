/** Turns what another gateway was configured with into a configuration of this one. */
@NullMarked
package io.scopegate.gateway.importing;

import org.jspecify.annotations.NullMarked;
