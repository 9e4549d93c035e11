/**
 * The configuration as a whole: its records, loading, and a class of checks for each top-level key.
 */
@NullMarked
package io.scopegate.gateway.configuration;

import org.jspecify.annotations.NullMarked;
