/** The root: the configuration as a whole, and what puts the parts together. */
@NullMarked
package io.scopegate.gateway;

import org.jspecify.annotations.NullMarked;
