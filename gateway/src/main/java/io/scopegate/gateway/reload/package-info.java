/**
 * The parts made from a configuration, and how they are replaced while requests are in progress.
 */
@NullMarked
package io.scopegate.gateway.reload;

import org.jspecify.annotations.NullMarked;
