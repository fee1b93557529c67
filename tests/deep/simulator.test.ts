/** The simulator against enforcement: 10,000 random cases. */
process.env.PORTICO_SIMULATIONS ??= '10000'
await import('../db/simulator-property.test.ts')
