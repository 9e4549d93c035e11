/** What a configuration made, and how it is replaced while requests are running. */
@NullMarked
package io.scopegate.gateway.reload;

import org.jspecify.annotations.NullMarked;
