/**
 * Authentication and authorization: tokens and resource attributes go in, decisions come out. Knows
 * neither Tempo nor HTTP statuses.
 */
@NullMarked
package io.scopegate.authz;

import org.jspecify.annotations.NullMarked;
