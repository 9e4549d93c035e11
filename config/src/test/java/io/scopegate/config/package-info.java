/** Tests of the configuration's mechanism. */
@NullMarked
package io.scopegate.config;

import org.jspecify.annotations.NullMarked;
