/** Tests. */
@NullMarked
package io.scopegate.gateway;

import org.jspecify.annotations.NullMarked;
