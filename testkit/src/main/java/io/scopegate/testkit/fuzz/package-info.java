/**
 * Fuzz targets: how they are found, run over the inputs in the repository, and fuzzed with Jazzer.
 */
@NullMarked
package io.scopegate.testkit.fuzz;

import org.jspecify.annotations.NullMarked;
