/** What operators see: metrics, health. */
@NullMarked
package io.scopegate.gateway.admin;

import org.jspecify.annotations.NullMarked;
