/** Tests. */
@NullMarked
package io.scopegate.gateway.cli;

import org.jspecify.annotations.NullMarked;
